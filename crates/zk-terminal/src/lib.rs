//! A virtual terminal that answers port 4370.
