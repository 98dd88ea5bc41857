//! phonolog's binary.

fn main() {}
