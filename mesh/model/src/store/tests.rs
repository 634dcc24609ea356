mod bounds;
mod events;
mod folding;
mod order;
