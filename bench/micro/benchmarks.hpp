// The groups of measurements that main() runs.
#pragma once

namespace bench::micro
{

void measure_message();
void measure_codec();
void measure_queue();
void measure_trie();

}  // namespace bench::micro
