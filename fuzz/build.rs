//! Puts the functions of `count.c` in the place of those that they count.

/// What is counted.
const COUNTED: [&str; 9] = [
    "__sanitizer_cov_trace_pc",
    "memcpy",
    "memmove",
    "memset",
    "memcmp",
    "bcmp",
    "malloc",
    "realloc",
    "calloc",
];

fn main() {
    println!("cargo::rerun-if-changed=count.c");
    let mut build = cc::Build::new();
    // What copies is not to become a call of itself.
    build.file("count.c").flag("-fno-builtin").opt_level(2);
    for object in build.compile_intermediates() {
        println!("cargo::rustc-link-arg-bins={}", object.display());
    }
    for name in COUNTED {
        println!("cargo::rustc-link-arg-bins=-Wl,--wrap={name}");
    }
}
