"""The joint pipeline review: a packet of pre-computed numbers for the meeting.

What belongs here: reading the published warehouse, and showing it as a page, a picture and ten
lines; who meets when; the list of actions. What does not: computing numbers. If a chart or a table
needs a number that no mart has, add a mart.

`review.packet.write_packet` writes the packet, `review.packet.chat_message` returns its message for
chat, `review.cadence.due` returns the meetings of a week. Nothing is imported here: the chart
library takes a second to load, and most commands draw nothing.
"""
