//! The program: everything is in the library's `cli`.

/// Reading plans and journals is mostly small allocations from several threads, which this one serves faster than the
/// system's. Its huge pages cost a load some 20 MiB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    jalon::cli::main()
}
