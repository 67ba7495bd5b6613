"""Ways to blur a plate: arrays in linear light in, arrays out; each knows which pixels to trust."""
