//! Text on the first framebuffer.
use crate::font::{GLYPHS, UNKNOWN};
use bootinfo::{BootInfo, BootInfoFramebuffer};
use core::ptr::write_volatile;

const CELL_WIDTH: u32 = 6; // pixels of a character, the gap included
const CELL_HEIGHT: u32 = 10;
const COLUMNS: u32 = 80; // the least, where the screen is wide enough

pub struct Screen {
    first: *mut u8,
    pitch: usize,
    pixel_bytes: u32,
    width: u32,
    height: u32,
    scale: u32, // pixels of the screen for one of a character
    columns: u32,
    rows: u32,
    column: u32, // where the next character goes
    row: u32,
    foreground: u32,
}

/// Three quarters of a color.
fn part(size: u8, position: u8) -> u32 {
    (3u32 << size) / 4 << position
}

impl Screen {
    /// Clears the screen. None: there is none that can be drawn on.
    pub fn open(info: &BootInfo) -> Option<Screen> {
        // Safe: a BootInfo that at_entry has checked names memory that is there.
        let found = unsafe { info.framebuffers.entries::<BootInfoFramebuffer>() }.next()?;
        let scale = (found.width / (COLUMNS * CELL_WIDTH)).max(1);
        let screen = Screen {
            first: found.address as *mut u8,
            pitch: found.pitch as usize,
            pixel_bytes: found.bits_per_pixel / 8,
            width: found.width,
            height: found.height,
            scale,
            columns: found.width / (CELL_WIDTH * scale),
            rows: found.height / (CELL_HEIGHT * scale),
            column: 0,
            row: 0,
            foreground: part(found.red_size, found.red_position)
                | part(found.green_size, found.green_position)
                | part(found.blue_size, found.blue_position),
        };
        let usable = screen.columns > 0 && screen.rows > 0 && (1..=4).contains(&screen.pixel_bytes);
        if !usable {
            return None;
        }
        screen.clear(0, screen.height);
        Some(screen)
    }

    fn set(&self, x: u32, y: u32, color: u32) {
        let offset = y as usize * self.pitch + x as usize * self.pixel_bytes as usize;
        // Safe: within the framebuffer, since x and y are within width and height.
        let pixel = unsafe { self.first.add(offset) };
        if self.pixel_bytes == 4 {
            return unsafe { write_volatile(pixel.cast(), color) };
        }
        for i in 0..self.pixel_bytes {
            unsafe { write_volatile(pixel.add(i as usize), (color >> (8 * i)) as u8) }
        }
    }

    fn clear(&self, top: u32, height: u32) {
        for y in top..top + height {
            for x in 0..self.width {
                self.set(x, y, 0);
            }
        }
    }

    fn draw(&self, byte: u8) {
        let glyph = match byte {
            b' '..=b'~' => GLYPHS[byte as usize - 0x20],
            _ => UNKNOWN,
        };
        let left = self.column * CELL_WIDTH * self.scale;
        let top = self.row * CELL_HEIGHT * self.scale;
        for y in 0..9 * self.scale {
            for x in 0..5 * self.scale {
                if glyph >> (5 * (y / self.scale) + 4 - x / self.scale) & 1 != 0 {
                    self.set(left + x, top + y, self.foreground);
                }
            }
        }
    }

    /// A screen that is full begins again at the top.
    fn new_line(&mut self) {
        self.column = 0;
        self.row = (self.row + 1) % self.rows;
        self.clear(self.row * CELL_HEIGHT * self.scale, CELL_HEIGHT * self.scale);
    }

    pub fn put(&mut self, byte: u8) {
        if byte == b'\n' {
            return self.new_line();
        }
        self.draw(byte);
        self.column += 1;
        if self.column == self.columns {
            self.new_line();
        }
    }
}
