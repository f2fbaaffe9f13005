//! `messages!`, which declares messages where they are said, and `display_by_said!`.

/// Declares messages: `name(places) => "English {place}" / "French {place}";` makes a function of that name that takes
/// the arguments (numbers, durations, names, other messages) and gives a [`Said`](crate::record::Said). `area` is the first part of
/// their ids, which journals keep: neither it nor a name may change once a journal has it.
#[macro_export]
macro_rules! messages {
    (area $area:literal; $($(#[$attribute:meta])* $name:ident($($arg:ident),* $(,)?) => $en:literal / $fr:literal;)*) => {
        $(
            #[doc = $en]
            $(#[$attribute])*
            pub(crate) fn $name($($arg: impl Into<$crate::record::said::Arg>),*) -> $crate::record::Said {
                #[linkme::distributed_slice($crate::record::said::CATALOGUE)]
                #[allow(unsafe_code, reason = "the linker gathers the catalogue in a section of its own")]
                static ENTRY: $crate::record::said::Entry = $crate::record::said::Entry {
                    id: concat!($area, ".", stringify!($name)),
                    en: $en,
                    fr: $fr,
                    args: &[$(stringify!($arg)),*],
                };
                $crate::record::Said::new(&ENTRY, [$($arg.into()),*])
            }
        )*
    };
}

/// `Display` by [`Speaks::said`](crate::record::Speaks::said): the English text.
#[macro_export]
macro_rules! display_by_said {
    ($($name:ty),+ $(,)?) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::record::Speaks::said(self).as_str())
            }
        }
    )+};
}
