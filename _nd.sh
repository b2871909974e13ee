sed 's/max_queued_messages 0/max_queued_messages 0\\nset_tcp_nodelay true/' _drain2.mjs > _drain_nd.mjs
for i in 1; do echo default; node _drain2.mjs "all" 20000 3 | awk '/settles/{n[$1 $2]++; if(n[$1 $2]==3)print} /cpu/{print}'; echo nodelay; node _drain_nd.mjs "all" 20000 3 | awk '/settles/{n[$1 $2]++; if(n[$1 $2]==3)print} /cpu/{print}'; done
