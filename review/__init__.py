"""The joint pipeline review: a packet of pre-computed numbers for the meeting.

What belongs here: reading the published warehouse, and showing what it says as a page, a picture and
ten lines; who meets when; the list of actions. What does not: any number of its own. What a chart or
a table needs and no mart has is a mart to add.
"""

from review.packet import Packet, chat_message, write_packet

__all__ = ["Packet", "chat_message", "write_packet"]
