//! For a kernel that was written for rust-osdev/bootloader: kernel_main fills the BootInfo of its
//! crate bootloader_api from Baton's, and calls the kernel's old entry function.
#![no_std]
#![no_main]
#[path = "../../rust/bootinfo.rs"]
mod bootinfo;
mod bootloader_kernel; // which has what is in the crate, in bootloader_api and bootloader_api::info

use bootinfo::*;
use bootloader_kernel::{main, BootInfo as OldBootInfo};
use bootloader_kernel::{
    FrameBuffer, FrameBufferInfo, MemoryRegion, MemoryRegionKind, PixelFormat,
};
use core::ptr::{addr_of_mut, NonNull};

fn kind_of(region: &BootInfoRegion) -> MemoryRegionKind {
    // What UEFI calls the types from ACPI_RECLAIMABLE on. All others are reserved: 0.
    const EFI_TYPES: [u32; 9] = [9, 10, 5, 6, 11, 12, 8, 14, 15];
    match region.r#type {
        BOOTINFO_MEMORY_USABLE | BOOTINFO_MEMORY_BOOT_SERVICES => MemoryRegionKind::Usable,
        BOOTINFO_MEMORY_LOADER..=BOOTINFO_MEMORY_MODULE => MemoryRegionKind::Bootloader,
        other => {
            let index = other.wrapping_sub(BOOTINFO_MEMORY_ACPI_RECLAIMABLE) as usize;
            MemoryRegionKind::UnknownUefi(EFI_TYPES.get(index).copied().unwrap_or(0))
        }
    }
}

fn format_of(screen: &BootInfoFramebuffer) -> PixelFormat {
    match (screen.red_position, screen.green_position, screen.blue_position) {
        (0, 8, 16) => PixelFormat::Rgb,
        (16, 8, 0) => PixelFormat::Bgr,
        (red_position, green_position, blue_position) => {
            PixelFormat::Unknown { red_position, green_position, blue_position }
        }
    }
}

unsafe fn framebuffer_of(screen: &BootInfoFramebuffer) -> FrameBuffer {
    let bytes_per_pixel = screen.bits_per_pixel as usize / 8;
    let info = FrameBufferInfo {
        byte_len: screen.size as usize,
        width: screen.width as usize,
        height: screen.height as usize,
        pixel_format: format_of(screen),
        bytes_per_pixel,
        stride: screen.pitch as usize / bytes_per_pixel,
    };
    FrameBuffer::new(screen.address, info)
}

const EMPTY: MemoryRegion = MemoryRegion { start: 0, end: 0, kind: MemoryRegionKind::Bootloader };
static mut REGIONS: [MemoryRegion; 512] = [EMPTY; 512];

bootinfo_kernel_header!(kernel_main, 0x4000);

#[no_mangle]
unsafe extern "sysv64" fn kernel_main(info: *const BootInfo, magic: u64) -> ! {
    let info = BootInfo::at_entry(info, magic).unwrap();
    let regions = &mut *addr_of_mut!(REGIONS);
    let mut count = 0;
    for (old, new) in regions.iter_mut().zip(info.memory_map.entries::<BootInfoRegion>()) {
        *old = MemoryRegion { start: new.base, end: new.base + new.size, kind: kind_of(new) };
        count += 1;
    }
    let mut boot_info = OldBootInfo::new((&mut regions[..count]).into());
    boot_info.physical_memory_offset = Some(info.direct_map).into(); // 0: memory is at itself
    boot_info.rsdp_addr = Some(info.acpi_rsdp).filter(|rsdp| *rsdp != 0).into();
    if info.flags & BOOTINFO_FLAG_FRAMEBUFFER_LINEAR != 0 {
        let screen = info.framebuffers.entries::<BootInfoFramebuffer>().next();
        boot_info.framebuffer = screen.map(|screen| framebuffer_of(screen)).into();
    }
    if let Some(module) = info.modules.entries::<BootInfoModule>().next() {
        boot_info.ramdisk_addr = Some(module.data.address).into();
        boot_info.ramdisk_len = module.data.size;
    }
    main(NonNull::from(&mut boot_info).as_mut()) // as 'static: this function does not return
}
