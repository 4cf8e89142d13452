#![no_std]

mod bootinfo; // Baton's binding, as it is
pub use bootinfo::*;

/// A function that the linker knows by its plain name. The attribute is spelt differently in edition
/// 2024, and a macro's words are read as those of the edition it was written in: this one.
#[macro_export]
macro_rules! symbol {
    ($function:item) => {
        #[no_mangle]
        $function
    };
}
