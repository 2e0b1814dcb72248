#!/bin/sh
# Doxygen's filter for pages. It follows links between pages (X.md here and in docs/). Links to other
# files are made to lead from build/docs/html to the project's folder; those to other .md files, which
# it would look for among the pages, are left out.
set -eu
folder=$(dirname "$1")
folder=${folder#"$PWD"}
exec sed -E "s,\[([^]]*)\]\((\.\./)*model/[^)]*\.md\),\1,g
    s,\]\(([A-Za-z0-9_./-]+\.[a-ln-z][a-z]*)\),](../../..$folder/\1),g" "$1"
