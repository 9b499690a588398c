mod config;
mod seed_files;
