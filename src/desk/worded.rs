//! Enums each of whose values is one word: for programs, in the store, in JSON.

/// An enum with its words beside its values: `ALL` in their order, the word of each, and the same words for serde.
macro_rules! worded {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident, $(#[$of_word:meta])* $word_of:ident {
            $($(#[$of:meta])* $value:ident = $word:tt,)+
        }
    ) => {
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$of])* #[serde(rename = $word)] $value,)+
        }

        impl $name {
            /// All of them, in this order.
            pub const ALL: [$name; [$($word),+].len()] = [$($name::$value),+];

            $(#[$of_word])*
            pub fn $word_of(&self) -> &'static str {
                match self {
                    $($name::$value => $word,)+
                }
            }
        }
    };
}

pub(in crate::desk) use worded;
