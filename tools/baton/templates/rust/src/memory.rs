//! What rustc calls on its own, for what is copied, cleared or compared. In assembly: in Rust a loop
//! that copies would be made a call of the function it is in.
use bootinfo::symbol;
use core::arch::asm;

symbol! {
    /// # Safety
    /// As in C: both are valid for size bytes, and do not overlap.
    pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, size: usize) -> *mut u8 {
        unsafe {
            asm!("rep movsb", inout("rdi") to => _, inout("rsi") from => _, inout("rcx") size => _,
                options(nostack, preserves_flags));
        }
        to
    }
}

symbol! {
    /// # Safety
    /// As in C: both are valid for size bytes.
    pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, size: usize) -> *mut u8 {
        if (to as usize).wrapping_sub(from as usize) >= size {
            return unsafe { memcpy(to, from, size) };
        }
        unsafe {
            asm!("std", "rep movsb", "cld",
                inout("rdi") to.wrapping_add(size).wrapping_sub(1) => _,
                inout("rsi") from.wrapping_add(size).wrapping_sub(1) => _,
                inout("rcx") size => _, options(nostack));
        }
        to
    }
}

symbol! {
    /// # Safety
    /// As in C: valid for size bytes.
    pub unsafe extern "C" fn memset(to: *mut u8, value: i32, size: usize) -> *mut u8 {
        unsafe {
            asm!("rep stosb", inout("rdi") to => _, in("al") value as u8, inout("rcx") size => _,
                options(nostack, preserves_flags));
        }
        to
    }
}

symbol! {
    /// # Safety
    /// As in C: both are valid for size bytes.
    pub unsafe extern "C" fn memcmp(one: *const u8, other: *const u8, size: usize) -> i32 {
        for i in 0..size {
            let (a, b) = unsafe { (*one.add(i), *other.add(i)) };
            if a != b {
                return i32::from(a) - i32::from(b);
            }
        }
        0
    }
}
