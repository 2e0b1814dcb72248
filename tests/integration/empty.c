/* A shared library needs a source file of its own; this one has everything from static libraries.
 */
typedef int caws_empty;
