//! [`of_c`]: texts of librdkafka as Rust has them.
#![expect(unsafe_code, reason = "the C interface of librdkafka")]

use std::ffi::{CStr, c_char};

/// A copy of a text of C; empty where there is none.
///
/// # Safety
/// `text` is null, or ends with a zero and lives during the call.
pub unsafe fn of_c(text: *const c_char) -> String {
    match text.is_null() {
        true => String::new(),
        // SAFETY: not null, and the caller says that it is a text of C.
        false => unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned(),
    }
}
