//! What all kernels of this crate share: text on the serial port, and the end.
#![no_std]

use core::arch::asm;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

mod memory;

pub use bootinfo::*;

const DEBUG_CONSOLE: u16 = 0xE9; // QEMU's
const COM1: u16 = 0x3F8;
const TRANSMITTER_EMPTY: u8 = 0x20;
const EXIT_PORT: u16 = 0xF4; // QEMU's

fn port_write(port: u16, value: u8) {
    unsafe { asm!("out dx, al", in("dx") port, in("al") value, options(nomem, nostack)) }
}

fn port_read(port: u16) -> u8 {
    let value: u8;
    unsafe { asm!("in al, dx", in("dx") port, out("al") value, options(nomem, nostack)) }
    value
}

/// The serial port and QEMU's debug console.
pub struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            port_write(DEBUG_CONSOLE, byte);
            while port_read(COM1 + 5) & TRANSMITTER_EMPTY == 0 {}
            port_write(COM1, byte);
        }
        Ok(())
    }
}

/// Ends a virtual machine, with success or failure; halts a real one.
pub fn finish(success: bool) -> ! {
    port_write(EXIT_PORT, if success { 0x10 } else { 0x11 });
    loop {
        unsafe { asm!("cli", "hlt") }
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    let _ = writeln!(Console, "panic: {info}");
    finish(false)
}
