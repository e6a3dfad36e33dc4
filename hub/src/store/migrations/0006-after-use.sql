-- What becomes of a desktop after use, where the allocator of its last session said so; NULL: as its pool says.
ALTER TABLE desktops ADD COLUMN after_use TEXT;
