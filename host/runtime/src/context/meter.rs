//! The linear memory of an attempt, over all its memories, and its limit.

use wasmtime::ResourceLimiter;

use crate::limits;

#[derive(Debug)]
pub(crate) struct Meter {
    limit: usize,
    held: usize,
    peak: usize,
    table_elements: usize,
    /// An allocation was refused. A guest that crashes after this most likely crashed because of it.
    refused: bool,
}

impl Meter {
    pub(crate) fn new(limit: u64) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, held: 0, peak: 0, table_elements: 0, refused: false }
    }

    /// For the next attempt on the same instance, whose memory stays allocated.
    pub(crate) fn renew(&mut self, limit: u64) {
        self.limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.peak = self.held;
        self.refused = false;
    }

    /// In bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.peak as u64
    }

    pub(crate) fn refused(&self) -> bool {
        self.refused
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let held = self.held.saturating_add(desired.saturating_sub(current));
        if held > self.limit {
            self.refused = true;
            return Ok(false);
        }
        // Beyond a memory's own maximum the growth fails regardless; it must not be counted.
        if maximum.is_none_or(|maximum| desired <= maximum) {
            self.held = held;
            self.peak = self.peak.max(held);
        }
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let elements = self.table_elements.saturating_add(desired.saturating_sub(current));
        if elements > limits::TABLE_ELEMENTS {
            self.refused = true;
            return Ok(false);
        }
        self.table_elements = elements;
        Ok(true)
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        32
    }

    fn memories(&self) -> usize {
        8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_count_against_one_limit() {
        let mut meter = Meter::new(100);
        assert!(meter.memory_growing(0, 60, None).unwrap());
        assert!(meter.memory_growing(0, 40, None).unwrap());
        assert!(!meter.refused());
        assert!(!meter.memory_growing(60, 61, None).unwrap());
        assert!(meter.refused());
        assert_eq!(meter.peak(), 100);
    }

    #[test]
    fn a_growth_past_a_memory_s_own_maximum_is_not_counted() {
        let mut meter = Meter::new(100);
        assert!(meter.memory_growing(0, 50, Some(40)).unwrap());
        assert_eq!(meter.peak(), 0);
        assert!(!meter.refused());
    }

    #[test]
    fn all_tables_count_against_one_limit() {
        let mut meter = Meter::new(0);
        assert!(meter.table_growing(0, limits::TABLE_ELEMENTS, None).unwrap());
        assert!(!meter.table_growing(0, 1, None).unwrap());
        assert!(meter.refused());
    }
}
