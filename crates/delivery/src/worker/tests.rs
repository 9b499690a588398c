mod blame;
mod divide;
