#![no_std]

mod bootinfo; // Baton's binding, as it is
pub use bootinfo::*;
