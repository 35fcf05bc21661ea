//! Finds calls of the old door in source files.
