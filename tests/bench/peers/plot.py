def plot(results, figures):
    return ""
