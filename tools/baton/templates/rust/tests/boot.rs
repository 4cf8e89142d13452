//! A test is a kernel of its own: success is finish(true), a panic is a failure.
#![no_std]
#![no_main]

use core::fmt::Write;
use kernel::{finish, BootInfo, BootInfoRegion, Console};

bootinfo::bootinfo_kernel_header!(kernel_main, 0);

bootinfo::symbol! {
    extern "sysv64" fn kernel_main(info: *const BootInfo, magic: u64) -> ! {
        let info = unsafe { BootInfo::at_entry(info, magic) }.expect("no BootInfo");
        let regions = unsafe { info.memory_map.entries::<BootInfoRegion>() }.count();
        assert!(regions > 0, "the memory map is empty");
        let _ = writeln!(Console, "{regions} regions of memory");
        finish(true)
    }
}
