//! Checks what the loader handed over, greets on the serial port, and stops. In Rust.
#![no_std]
#![no_main]

use core::arch::asm;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

#[path = "../../abi/rust/bootinfo.rs"]
mod bootinfo;
use bootinfo::*;

bootinfo_kernel_header!(kernel_main, 0x4000);

const DEBUG_PORT: u16 = 0xE9;
const QEMU_EXIT_PORT: u16 = 0xF4;
const QEMU_EXIT_SUCCESS: u8 = 0x10;
const QEMU_EXIT_FAILURE: u8 = 0x11;
const TRANSMITTER_EMPTY: u8 = 0x20;
const TRANSMIT_POLLS: u32 = 100_000;

fn port_write(port: u16, value: u8) {
    unsafe { asm!("out dx, al", in("dx") port, in("al") value, options(nomem, nostack)) }
}

fn port_read(port: u16) -> u8 {
    let value: u8;
    unsafe { asm!("in al, dx", in("dx") port, out("al") value, options(nomem, nostack)) }
    value
}

/// QEMU's debug console, and the serial port that BootInfo names.
struct Console<'a>(&'a BootInfoSerial);

impl Console<'_> {
    fn put(&self, byte: u8) {
        let base = self.0.base as u16;
        let status = base + 5 * self.0.register_stride as u16;
        for _ in 0..TRANSMIT_POLLS {
            if port_read(status) & TRANSMITTER_EMPTY != 0 {
                break;
            }
        }
        port_write(base, byte);
    }
}

impl Write for Console<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            port_write(DEBUG_PORT, byte);
            if self.0.kind == BOOTINFO_SERIAL_16550_PORT {
                if byte == b'\n' {
                    self.put(b'\r');
                }
                self.put(byte);
            }
        }
        Ok(())
    }
}

fn finish(status: u8) -> ! {
    port_write(QEMU_EXIT_PORT, status);
    loop {
        unsafe { asm!("cli", "hlt") }
    }
}

#[no_mangle]
pub unsafe extern "sysv64" fn kernel_main(info: *const BootInfo, magic: u64) -> ! {
    let info = match BootInfo::at_entry(info, magic) {
        Some(info) => info,
        None => finish(QEMU_EXIT_FAILURE),
    };
    let usable: u64 = info
        .memory_map
        .entries::<BootInfoRegion>()
        .filter(|region| region.r#type == BOOTINFO_MEMORY_USABLE)
        .map(|region| region.size)
        .sum();
    let written = writeln!(
        Console(&info.serial),
        "hello from a kernel in Rust at {:#x}: {} MiB usable; loaded by {}; command line: '{}'",
        info.kernel.address,
        usable >> 20,
        info.loader_name.text(),
        info.command_line.text()
    );
    finish(if written.is_ok() { QEMU_EXIT_SUCCESS } else { QEMU_EXIT_FAILURE })
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    finish(QEMU_EXIT_FAILURE)
}
