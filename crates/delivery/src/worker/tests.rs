mod blame;
mod divide;
mod model;
