SELECT * FROM feeds
