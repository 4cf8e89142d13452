#![no_std]
#![no_main]

use core::fmt::Write;
use kernel::{finish, BootInfo, Console};

bootinfo::bootinfo_kernel_header!(kernel_main, 0);

bootinfo::symbol! {
    extern "sysv64" fn kernel_main(info: *const BootInfo, magic: u64) -> ! {
        // Safe: the loader calls this, with what its contract says.
        match unsafe { BootInfo::at_entry(info, magic) } {
            Some(info) => run(info),
            None => finish(false),
        }
    }
}

fn run(info: &BootInfo) -> ! {
    Console::open(info);
    let loader = unsafe { info.loader_name.text() };
    let said = writeln!(Console, "hello from @NAME@, loaded by {loader}");
    finish(said.is_ok())
}
