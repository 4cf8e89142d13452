//! What all kernels of this crate share: text on all that can show it, and the end.
#![no_std]

use core::arch::asm;
use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

mod font;
mod memory;
mod screen;

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

struct Screen(UnsafeCell<Option<screen::Screen>>);
// Safe: one CPU runs, and no interrupt handler prints.
unsafe impl Sync for Screen {}
static SCREEN: Screen = Screen(UnsafeCell::new(None));

/// The serial port, QEMU's debug console and, once it is open, the screen.
pub struct Console;

impl Console {
    pub fn open(info: &BootInfo) {
        unsafe { *SCREEN.0.get() = screen::Screen::open(info) }
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            port_write(DEBUG_CONSOLE, byte);
            while port_read(COM1 + 5) & TRANSMITTER_EMPTY == 0 {}
            port_write(COM1, byte);
            if let Some(screen) = unsafe { &mut *SCREEN.0.get() } {
                screen.put(byte);
            }
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
