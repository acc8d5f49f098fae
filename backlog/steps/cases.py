"""Steps of the file itself: take up or not, place, link, assess, report, agree."""
