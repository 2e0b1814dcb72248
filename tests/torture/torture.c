/* Each allocation of each scenario fails in turn: see usage. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exceptions.h"
#include "run.h"
#include "server.h"

static const char usage[] = "usage: torture [OPTION...] [SCENARIO]\n"
                            "  --every N   only each Nth failure point\n"
                            "  --jobs N    so many processes at a time\n"
                            "  --point N   only this failure point, with its backtrace\n"
                            "  --list      the scenarios\n";

enum { MOST_JOBS = 64, MOST_EXCEPTIONS = 64, SHOWN = 5 /* findings of a scenario */ };

typedef struct settings {
    unsigned long every;
    unsigned long point; /* 0: all */
    int jobs;
    const char *only; /* part of a scenario's name; NULL: all */
} settings;

typedef struct tally {
    unsigned long points; /* where an allocation failed */
    unsigned long no_memory;
    unsigned long right; /* with the same result nevertheless */
    unsigned long excepted;
    unsigned long findings;
} tally;

/* One process of the pool. */
typedef struct job {
    pid_t pid; /* 0: free */
    unsigned run;
    memory_plan plan;
} job;

/* In memory that all processes see. */
typedef struct shared {
    unsigned runs;
    tally tally;
    unsigned long excepted[MOST_EXCEPTIONS];
    report baseline;
    report reports[MOST_JOBS];
} shared;

static settings chosen = {.every = 1};
static shared *all;
static job jobs[MOST_JOBS];

static void *share(size_t size)
{
    void *start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return start != MAP_FAILED ? start : NULL;
}

/* --- findings --- */

static const exception *find_exception(const scenario *s, const report *r)
{
    for (size_t i = 0; i < exception_count; i++) {
        const exception *e = &exceptions[i];
        if (strcmp(e->finding, r->finding) == 0 && strstr(r->text, e->text) != NULL &&
            strncmp(e->caller, r->caller, strlen(e->caller)) == 0 &&
            strstr(r->text, e->frame) != NULL && (s->cold || !e->cold))
            return e;
    }
    return NULL;
}

/* Names for the addresses in this program: its functions are not exported. */
static void print_named(const char *text)
{
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        char command[512];
        char name[256] = "";
        unsigned long address = 0;
        int length = (int)strcspn(line, "\n");
        if (sscanf(line, " torture+%lx", &address) == 1) {
            snprintf(command, sizeof(command), "addr2line -f -e /proc/%d/exe %#lx 2>/dev/null",
                     (int)getpid(), address);
            FILE *tool = popen(command, "r");
            if (tool != NULL && fgets(name, sizeof(name), tool) != NULL)
                name[strcspn(name, "\n")] = '\0';
            if (tool != NULL)
                (void)pclose(tool);
        }
        printf("%.*s%s\n", length, line, name);
        if (line[length] == '\0')
            break;
    }
}

static void show(const scenario *s, const job *j, const report *r)
{
    printf("%s, failure point %lu%s, an allocation of %s: %s\n", s->name, j->plan.fail_at,
           j->plan.and_after ? " and all after" : "", r->caller, r->finding);
    print_named(r->text);
    (void)fflush(stdout);
}

/* --- the pool --- */

static void start_job(size_t slot, const scenario *s, const memory_plan *plan)
{
    job *j = &jobs[slot];
    *j = (job){.run = ++all->runs, .plan = *plan};
    (void)fflush(stdout);
    all->reports[slot].finished = false;
    j->pid = fork();
    if (j->pid == 0)
        run_child(s, j->run, plan, &all->baseline, &all->reports[slot]);
    if (j->pid < 0) {
        perror("torture: fork");
        exit(2);
    }
}

/* Returns whether the job is over: a leak is looked at a second time. */
static bool take_report(size_t slot, const scenario *s, unsigned long *shown)
{
    const job *j = &jobs[slot];
    report *r = &all->reports[slot];
    tally *t = &all->tally;
    if (!r->finished)
        snprintf(r->finding, sizeof(r->finding), "crash");
    if (strcmp(r->finding, "leak") == 0 && !j->plan.trace) {
        memory_plan plan = j->plan;
        plan.trace = true;
        start_job(slot, s, &plan);
        return false;
    }
    const exception *e = r->finding[0] != '\0' ? find_exception(s, r) : NULL;
    t->points += r->failed;
    if (e != NULL) {
        t->excepted++;
        all->excepted[e - exceptions]++;
    } else if (r->finding[0] != '\0') {
        t->findings++;
        if ((*shown)++ < SHOWN || chosen.point != 0)
            show(s, j, r);
    } else {
        t->no_memory += r->failed && r->no_memory;
        t->right += r->failed && !r->no_memory;
    }
    if (chosen.point != 0 && e == NULL && r->finding[0] == '\0')
        printf("%s\n", r->no_memory ? "out of memory, as it should be" : "the right result");
    return true;
}

static void take_one(const scenario *s, unsigned long *shown)
{
    int status = 0;
    pid_t pid = waitpid(-1, &status, 0);
    for (size_t i = 0; i < MOST_JOBS; i++)
        if (pid > 0 && jobs[i].pid == pid) {
            jobs[i].pid = 0;
            (void)take_report(i, s, shown);
        }
}

static size_t running_jobs(void)
{
    size_t count = 0;
    for (size_t i = 0; i < MOST_JOBS; i++)
        count += jobs[i].pid != 0;
    return count;
}

static void queue(const scenario *s, const memory_plan *plan, unsigned long *shown)
{
    size_t slot = 0;
    while (running_jobs() >= (size_t)chosen.jobs)
        take_one(s, shown);
    while (jobs[slot].pid != 0)
        slot++;
    start_job(slot, s, plan);
}

/* --- scenarios --- */

/* Without a failure: what is to come of it, and how many allocations there are. */
static bool make_baseline(const scenario *s)
{
    int status = 0;
    report *r = &all->baseline;
    for (int trace = 0; trace < 2; trace++) {
        const memory_plan plan = {.trace = trace > 0};
        unsigned run = ++all->runs;
        pid_t pid = fork();
        if (pid == 0)
            run_child(s, run, &plan, NULL, r);
        (void)waitpid(pid, &status, 0);
        if (r->finished && strcmp(r->finding, "leak") != 0)
            break;
    }
    if (r->finished && r->finding[0] == '\0')
        return true;
    show(s, &(job){.pid = 0}, r);
    return false;
}

/* What a process sets up for its first client is the same for all: the first scenario has it. */
static unsigned long first_point(const scenario *s)
{
    unsigned long set_up = s->cold && s != scenarios ? all->baseline.created : 0;
    return set_up + 1 + (unsigned long)(s - scenarios) % chosen.every;
}

static void torture(const scenario *s)
{
    unsigned long shown = 0;
    if (!s->cold)
        run_warm_up(s, ++all->runs);
    if (!make_baseline(s)) {
        all->tally.findings++;
        return;
    }
    if (chosen.point != 0)
        for (size_t i = 0; i < all->baseline.life.step_count; i++)
            printf("without a failure: %s\n", all->baseline.life.steps[i]);
    for (int after = 0; after < (s->cold ? 1 : 2); after++) /* a failed set-up comes to the same */
        for (unsigned long n = first_point(s); n <= all->baseline.count; n += chosen.every)
            if (chosen.point == 0 || n == chosen.point) {
                const memory_plan plan = {
                    .fail_at = n, .and_after = after > 0, .trace = chosen.point != 0};
                queue(s, &plan, &shown);
            }
    while (running_jobs() > 0)
        take_one(s, &shown);
    if (shown > SHOWN && chosen.point == 0)
        printf("%s: %lu more findings\n", s->name, shown - SHOWN);
    (void)fflush(stdout);
}

static double seconds_since(const struct timespec *began)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

/* In a process of its own, which children are copies of: nothing of one scenario is in another. */
static void run_scenario(const scenario *s, tally *total)
{
    struct timespec began;
    clock_gettime(CLOCK_REALTIME, &began);
    int status = 0;
    memset(&all->tally, 0, sizeof(all->tally));
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        torture(s);
        _exit(0);
    }
    (void)waitpid(pid, &status, 0);
    const tally *t = &all->tally;
    if (status != 0) {
        printf("%s: ended with status %#x\n", s->name, (unsigned)status);
        all->tally.findings++;
    }
    printf("%-30s %7lu %7lu %7lu %7lu %7lu %6.1f s\n", s->name, t->points, t->no_memory, t->right,
           t->excepted, t->findings, seconds_since(&began));
    total->points += t->points;
    total->no_memory += t->no_memory;
    total->right += t->right;
    total->excepted += t->excepted;
    total->findings += t->findings;
}

static double processor_seconds(void)
{
    struct rusage used;
    (void)getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static tally run_all(void)
{
    tally total = {0};
    struct timespec began;
    clock_gettime(CLOCK_REALTIME, &began);
    printf("%-30s %7s %7s %7s %7s %7s\n", "", "points", "memory", "right", "listed", "wrong");
    for (size_t i = 0; i < scenario_count; i++)
        if (chosen.only == NULL || strcmp(scenarios[i].name, chosen.only) == 0)
            run_scenario(&scenarios[i], &total);
    printf("%-30s %7lu %7lu %7lu %7lu %7lu\n", "all", total.points, total.no_memory, total.right,
           total.excepted, total.findings);
    for (size_t i = 0; i < exception_count; i++)
        if (all->excepted[i] > 0)
            printf("listed, %lu times: %s, an allocation of %s: %s\n", all->excepted[i],
                   exceptions[i].finding, exceptions[i].caller, exceptions[i].reason);
    printf("torture: %lu failure points: %lu out of memory, %lu right nevertheless, %lu listed, "
           "%lu wrong, in %.0f s (%.0f s of processors)\n",
           total.points, total.no_memory, total.right, total.excepted, total.findings,
           seconds_since(&began), processor_seconds());
    return total;
}

/* --- the program --- */

static void forget_environment(void)
{
    extern char **environ;
    for (char **entry = environ; *entry != NULL;) {
        char name[128];
        size_t length = strcspn(*entry, "=");
        snprintf(name, sizeof(name), "%.*s", (int)length, *entry);
        bool mine = strncasecmp(name, "AWS_", 4) == 0 ||
                    (length > 6 && strcasecmp(name + length - 6, "_proxy") == 0);
        if (mine && length < sizeof(name))
            (void)unsetenv(name); /* moves up those behind it */
        else
            entry++;
    }
}

static void *nothing(void *context)
{
    return context;
}

/* What the C library keeps for ever: the time zone, and the stack of a thread that has ended. */
static void warm_up_libc(void)
{
    pthread_t thread;
    tzset();
    if (pthread_create(&thread, NULL, nothing, NULL) == 0)
        (void)pthread_join(thread, NULL);
}

static int list(void)
{
    for (size_t i = 0; i < scenario_count; i++)
        puts(scenarios[i].name);
    return 0;
}

static bool read_arguments(char **arguments)
{
    for (; *arguments != NULL; arguments++) {
        unsigned long number = arguments[1] != NULL ? strtoul(arguments[1], NULL, 10) : 0;
        if (strncmp(*arguments, "--", 2) != 0 && chosen.only == NULL) {
            chosen.only = *arguments;
            continue;
        }
        if (number == 0)
            return false;
        if (strcmp(*arguments, "--every") == 0)
            chosen.every = number;
        else if (strcmp(*arguments, "--point") == 0)
            chosen.point = number;
        else if (strcmp(*arguments, "--jobs") == 0 && number <= MOST_JOBS)
            chosen.jobs = (int)number;
        else
            return false;
        arguments++;
    }
    return true;
}

static void remove_folder(const char *folder)
{
    static const char *const names[] = {"ca.pem", "other-ca.pem", "config", "credentials",
                                        "bad",    "process",      "token"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[256];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static char folder[] = "/tmp/caws-torture-XXXXXX";
static torture_server server;

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0)
        return list();
    chosen.jobs = (int)sysconf(_SC_NPROCESSORS_ONLN) * 3;
    if (!read_arguments(argv + 1)) {
        (void)fputs(usage, stderr);
        return 2;
    }
    if (chosen.jobs > MOST_JOBS)
        chosen.jobs = MOST_JOBS;
    forget_environment();
    warm_up_libc();
    all = share(sizeof(*all));
    if (all == NULL || mkdtemp(folder) == NULL || !torture_server_start(&server, folder)) {
        perror("torture");
        return 2;
    }
    around = (surroundings){server.plain_port, server.tls_port, folder};
    bool ok = scenarios_write_files() && run_all().findings == 0;
    torture_server_stop(&server);
    remove_folder(folder);
    return ok ? 0 : 1;
}
