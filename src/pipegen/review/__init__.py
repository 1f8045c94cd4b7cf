"""The joint pipeline review: a packet of pre-computed numbers for the meeting.

What belongs here: reading the published warehouse, and showing what it says as a page, a picture
and ten lines; who meets when; the list of actions. What does not: any number of its own. What a
chart or a table needs and no mart has is a mart to add.

`review.packet.write_packet` writes it, `review.packet.chat_message` gives it to whoever sends
messages, `review.cadence.due` says which meetings a week has. Nothing is imported here: drawing
takes a second to load, and most commands draw nothing.
"""
