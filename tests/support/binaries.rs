//! The functions' binaries.

/// The functions and their binaries, as Cargo built them with the suite that asks: it alone is told where they
/// are, so this is a macro.
#[macro_export]
macro_rules! function_binaries {
    () => {
        [
            ("api", env!("CARGO_BIN_EXE_api-under-test")),
            ("authorizer", env!("CARGO_BIN_EXE_authorizer-under-test")),
            ("stream-trigger", env!("CARGO_BIN_EXE_stream-trigger-under-test")),
            ("validate", env!("CARGO_BIN_EXE_validate-under-test")),
            ("provision", env!("CARGO_BIN_EXE_provision-under-test")),
            ("check-status", env!("CARGO_BIN_EXE_check-status-under-test")),
            ("update-status", env!("CARGO_BIN_EXE_update-status-under-test")),
            ("update-failed", env!("CARGO_BIN_EXE_update-failed-under-test")),
        ]
    };
}
