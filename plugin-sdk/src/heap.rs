//! The feature `lean`: an allocator that keeps small blocks for the next request of their size.
//!
//! The C library's allocator joins and splits blocks whenever one is freed or taken, which is a sixth of what a small
//! channel computes. Every block here is one of the C library's, because its code may free what was allocated here: it
//! gets its results of host calls through this allocator.

#![allow(unsafe_code, reason = "an allocator deals with raw memory")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::UnsafeCell,
    ptr,
};

/// Sizes are rounded up to a multiple of this many bytes.
const STEP: usize = 16;

/// The largest block that is kept.
const LARGEST: usize = 256;

/// Blocks of one size that are kept. So at most 136 KiB are, whatever the plugin had allocated at once.
const KEPT: usize = 64;

#[cfg(target_os = "wasi")]
#[global_allocator]
static HEAP: Heap = Heap::new();

struct Heap(UnsafeCell<[Bin; LARGEST / STEP]>);

/// Free blocks of one size. Each holds the address of the next.
#[derive(Clone, Copy)]
struct Bin {
    first: *mut u8,
    count: usize,
}

// SAFETY: a guest has no threads, and nothing here calls anything that allocates.
unsafe impl Sync for Heap {}

impl Heap {
    const fn new() -> Self {
        Self(UnsafeCell::new([Bin { first: ptr::null_mut(), count: 0 }; LARGEST / STEP]))
    }

    /// # Safety
    /// The reference is not kept, and no other one exists.
    #[allow(clippy::mut_from_ref, reason = "see the implementation of `Sync`")]
    unsafe fn bin(&self, number: usize) -> &mut Bin {
        // SAFETY: see above.
        unsafe { &mut (*self.0.get())[number] }
    }
}

/// The number of the bin for blocks of this layout, if they are kept.
fn number(layout: Layout) -> Option<usize> {
    let is_kept = (1..=LARGEST).contains(&layout.size()) && layout.align() <= STEP / 2;
    is_kept.then(|| (layout.size() - 1) / STEP)
}

fn rounded(number: usize) -> Layout {
    // SAFETY: the alignment is a power of two, and the size is far below the maximum.
    unsafe { Layout::from_size_align_unchecked((number + 1) * STEP, STEP / 2) }
}

// SAFETY: a block comes from the system with at least the size and alignment of its layout, and is in a bin or in use.
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: a block in a bin has room for the address of the next one, which was written when it was freed.
        unsafe {
            let Some(number) = number(layout) else { return System.alloc(layout) };
            let bin = self.bin(number);
            let block = bin.first;
            if block.is_null() {
                return System.alloc(rounded(number));
            }
            bin.first = block.cast::<*mut u8>().read();
            bin.count -= 1;
            block
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: see above; the caller gives the block up.
        unsafe {
            let Some(number) = number(layout) else { return System.dealloc(block, layout) };
            let bin = self.bin(number);
            if bin.count == KEPT {
                return System.dealloc(block, rounded(number));
            }
            block.cast::<*mut u8>().write(bin.first);
            bin.first = block;
            bin.count += 1;
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the block has the layout's size.
        unsafe {
            if number(layout).is_none() {
                return System.alloc_zeroed(layout);
            }
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller checks that the new size is one of a layout; both blocks have the bytes that are copied.
        unsafe {
            let new = Layout::from_size_align_unchecked(size, layout.align());
            match (number(layout), number(new)) {
                (None, None) => System.realloc(block, layout, size),
                (Some(old), Some(new)) if old == new => block,
                _ => {
                    let moved = self.alloc(new);
                    if !moved.is_null() {
                        moved.copy_from_nonoverlapping(block, layout.size().min(size));
                        self.dealloc(block, layout);
                    }
                    moved
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    fn kept(heap: &Heap) -> usize {
        (0..LARGEST / STEP).map(|number| unsafe { heap.bin(number) }.count).sum()
    }

    #[test]
    fn a_freed_block_serves_the_next_request_of_its_size() {
        let heap = Heap::new();
        unsafe {
            let (one, other) = (heap.alloc(layout(17, 8)), heap.alloc(layout(32, 1)));
            heap.dealloc(one, layout(17, 8));
            heap.dealloc(other, layout(32, 1));
            assert_eq!(heap.alloc(layout(20, 4)), other);
            assert_eq!(heap.alloc_zeroed(layout(32, 4)), one);
            assert_eq!(std::slice::from_raw_parts(one, 32), [0; 32]);
            assert_eq!(kept(&heap), 0);
            System.dealloc(one, layout(32, 8));
            System.dealloc(other, layout(32, 8));
        }
    }

    #[test]
    fn large_and_aligned_blocks_are_the_systems() {
        let heap = Heap::new();
        for layout in [layout(LARGEST + 1, 8), layout(16, 16), layout(4096, 64)] {
            unsafe {
                let block = heap.alloc_zeroed(layout);
                assert_eq!(block.align_offset(layout.align()), 0);
                heap.dealloc(block, layout);
            }
        }
        assert_eq!(kept(&heap), 0);
    }

    #[test]
    fn no_more_than_a_number_of_blocks_is_kept() {
        let heap = Heap::new();
        let blocks: Vec<_> = (0..2 * KEPT).map(|_| unsafe { heap.alloc(layout(100, 8)) }).collect();
        blocks.into_iter().for_each(|block| unsafe { heap.dealloc(block, layout(100, 8)) });
        assert_eq!(kept(&heap), KEPT);
        let sizes = (0..LARGEST / STEP).map(|number| rounded(number).size());
        assert_eq!(sizes.sum::<usize>() * KEPT, 136 << 10);
        for _ in 0..KEPT {
            unsafe { System.dealloc(heap.alloc(layout(100, 8)), layout(112, 8)) };
        }
    }

    #[test]
    fn a_block_keeps_its_content_while_it_grows_and_shrinks_through_all_sizes() {
        let heap = Heap::new();
        let mut have = layout(1, 1);
        unsafe {
            let mut block = heap.alloc(have);
            block.write(0);
            for size in (2..600).chain((1..600).rev()) {
                block = heap.realloc(block, have, size);
                for at in have.size()..size {
                    block.add(at).write(u8::try_from(at % 251).unwrap());
                }
                have = layout(size, 1);
                assert!((0..size).all(|at| usize::from(block.add(at).read()) == at % 251), "{size}");
            }
            heap.dealloc(block, have);
        }
    }
}
