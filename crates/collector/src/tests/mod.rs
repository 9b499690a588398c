mod due;
mod identity;
mod rows;
mod schedule;
mod users;
