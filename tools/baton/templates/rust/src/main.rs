#![no_std]
#![no_main]

use core::fmt::Write;
use kernel::{BootInfo, Console, finish};

bootinfo::bootinfo_kernel_header!(kernel_main, 0);

#[unsafe(no_mangle)]
extern "sysv64" fn kernel_main(info: *const BootInfo, magic: u64) -> ! {
    // Safe: the loader calls this, with what its contract says.
    let Some(info) = (unsafe { BootInfo::at_entry(info, magic) }) else {
        finish(false)
    };
    Console::open(info);
    let loader = unsafe { info.loader_name.text() };
    let said = writeln!(Console, "hello from @NAME@, loaded by {loader}");
    finish(said.is_ok())
}
