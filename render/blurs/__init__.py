"""Ways to blur a picture: linear light in, linear light out, nothing beyond the frame's edge mixed in."""
