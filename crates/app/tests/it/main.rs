//! The built binary, from outside: processes, sockets, exit codes and words.

mod cli;
mod http;
mod keys;
mod line;
mod program;
mod receiver;
