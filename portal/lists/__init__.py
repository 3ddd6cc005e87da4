"""What people do with lists beyond looking: take them away as files, keep the way they look at them."""
