"""Kill -9 at the worst moments, again and again, while the shop lives and the source misbehaves; then compare all."""
