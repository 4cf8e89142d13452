//! A kernel that was written for rust-osdev/bootloader. The types are those of the crate
//! bootloader_api that it uses, with the same names: a kernel that has the crate needs none here.
use core::{arch::asm, fmt, fmt::Write, panic::PanicInfo, slice, str};

#[derive(Clone, Copy, PartialEq)]
pub enum MemoryRegionKind {
    Usable,
    Bootloader,
    UnknownUefi(u32),
}

#[derive(Clone, Copy)]
pub struct MemoryRegion {
    pub start: u64,
    pub end: u64,
    pub kind: MemoryRegionKind,
}

#[derive(PartialEq)]
pub enum PixelFormat {
    Rgb,
    Bgr,
    Unknown { red_position: u8, green_position: u8, blue_position: u8 },
}

pub struct FrameBufferInfo {
    pub byte_len: usize,
    pub width: usize,
    pub height: usize,
    pub pixel_format: PixelFormat,
    pub bytes_per_pixel: usize,
    pub stride: usize,
}

pub struct FrameBuffer(u64, FrameBufferInfo);

impl FrameBuffer {
    pub unsafe fn new(buffer_start: u64, info: FrameBufferInfo) -> FrameBuffer {
        FrameBuffer(buffer_start, info)
    }
}

pub struct BootInfo {
    pub memory_regions: &'static mut [MemoryRegion],
    pub framebuffer: Option<FrameBuffer>,
    pub physical_memory_offset: Option<u64>,
    pub rsdp_addr: Option<u64>,
    pub ramdisk_addr: Option<u64>,
    pub ramdisk_len: u64,
}

impl BootInfo {
    pub fn new(memory_regions: &'static mut [MemoryRegion]) -> BootInfo {
        BootInfo {
            memory_regions,
            framebuffer: None,
            physical_memory_offset: None,
            rsdp_addr: None,
            ramdisk_addr: None,
            ramdisk_len: 0,
        }
    }
}

unsafe fn bytes(address: u64, size: u64) -> &'static mut [u8] {
    slice::from_raw_parts_mut(address as *mut u8, size as usize)
}

/// Says on COM1 what it was given, draws its last pixel in white, and stops.
pub fn main(boot_info: &'static mut BootInfo) -> ! {
    let usable = boot_info.memory_regions.iter().filter(|r| r.kind == MemoryRegionKind::Usable);
    let usable: u64 = usable.map(|region| region.end - region.start).sum();
    let offset = boot_info.physical_memory_offset.unwrap();
    let rsdp = unsafe { bytes(offset + boot_info.rsdp_addr.unwrap(), 8) };
    let ramdisk = unsafe { bytes(boot_info.ramdisk_addr.unwrap(), boot_info.ramdisk_len) };
    let FrameBuffer(start, screen) = boot_info.framebuffer.as_ref().unwrap();
    let last = ((screen.height - 1) * screen.stride + screen.width - 1) * screen.bytes_per_pixel;
    let pixels = unsafe { bytes(*start, screen.byte_len as u64) };
    pixels[last..last + screen.bytes_per_pixel].fill(0xFF);
    let _ = write!(
        Com1,
        "stub: bootloader_api from Baton, usable KiB: {}, memory at {:#x}, {:?}, {:?}, {}x{} {}\r\n",
        usable / 1024,
        offset,
        str::from_utf8(rsdp).unwrap(),
        str::from_utf8(ramdisk).unwrap(),
        screen.width,
        screen.height,
        if screen.pixel_format == PixelFormat::Bgr { "BGR" } else { "not BGR" }
    );
    stop()
}

struct Com1;

impl Write for Com1 {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            let mut status = 0u8;
            while status & 0x20 == 0 {
                unsafe { asm!("in al, dx", in("dx") 0x3FDu16, out("al") status) }
            }
            unsafe { asm!("out dx, al", in("dx") 0x3F8u16, in("al") byte) }
        }
        Ok(())
    }
}

fn stop() -> ! {
    loop {
        unsafe { asm!("cli", "hlt") }
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    let _ = write!(Com1, "stub: {}\r\n", info);
    stop()
}
