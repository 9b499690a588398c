//! The HTTP face: the seed's API, v1 and the pages.
