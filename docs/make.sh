#!/bin/sh
# Makes the reference, build/docs/html/index.html. Any warning is an error.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version //p' VERSION)
rm -rf build/docs
mkdir -p build
sed "s/@VERSION@/$version/; s/@WARN_AS_ERROR@/YES/" docs/Doxyfile.in | doxygen -
