-- Asked for by every pass: whether a record of the connection has vanished. Hardly ever one has, and all its links were read to see it.
create index links_vanished on lockstep.links (workspace_id, connection_id, item_id) where state = 'vanished';
