"""What sixty days of trouble bring into the group, and what a picture costs."""
