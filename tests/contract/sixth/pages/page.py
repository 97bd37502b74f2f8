from core.sixth import ROOM

from pages.room import plain_page

plain_page(ROOM)
