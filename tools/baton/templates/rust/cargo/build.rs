//! The linker's part: a kernel, not a program of this machine.
fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let script = format!("-Wl,-T,{folder}/baton/kernel.ld");
    for argument in [
        "-nostdlib",
        "-nostartfiles",
        "-static",
        "-no-pie",
        "-Wl,--build-id=none",
        "-Wl,--gc-sections",
        "-Wl,--defsym=rust_eh_personality=0", // nothing unwinds here
        "-fuse-ld=bfd",
        &script,
    ] {
        println!("cargo:rustc-link-arg={argument}");
    }
    println!("cargo:rerun-if-changed=baton/kernel.ld");
}
