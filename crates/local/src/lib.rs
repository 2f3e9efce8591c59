//! The whole account factory in one process, on an embedded default.
