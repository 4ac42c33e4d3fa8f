# SPDX-License-Identifier: LGPL-3.0-or-later
# A web server on loopback for the models' dialog: serve.pl FOLDER PORT_FILE. /FILE comes whole, or from where Range
# says; of a FILE that is slow by its name half comes, and then nothing.
use strict;
use warnings;
use IO::Socket::INET;

my ($folder, $port_file) = @ARGV;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5) or die $!;
open(my $out, '>', "$port_file.new") or die $!;
print $out $server->sockport;
close $out;
rename "$port_file.new", $port_file;
$SIG{CHLD} = 'IGNORE';
my $parent = $$;

while (my $client = $server->accept) {
    next if fork;
    my ($path, $from, $slow) = ('', 0, 0);
    while (my $line = <$client>) {
        $path = $1 if $line =~ m{^GET /(\S+)};
        $from = $1 if $line =~ /^Range: bytes=(\d+)/i;
        last if $line =~ /^\r?$/;
    }
    $slow = $path =~ /^slow/;
    local $/;
    open(my $file, '<:raw', "$folder/$path") or exit;
    my $bytes = <$file>;
    my ($n, $rest) = (length $bytes, substr $bytes, $from);
    print $client $from ? "HTTP/1.1 206 Partial\r\nContent-Range: bytes $from-@{[$n - 1]}/$n\r\n" : "HTTP/1.1 200 OK\r\n";
    print $client "Content-Length: @{[length $rest]}\r\nConnection: close\r\n\r\n";
    print $client $slow ? substr($rest, 0, $n / 2) : $rest;
    $client->flush;
    sleep 1 while $slow && kill 0, $parent;
    exit;
}
