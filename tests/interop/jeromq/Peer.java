// A peer on JeroMQ, for Ferry's interop tests. Its twin on pyzmq, ../pyzmq/peer.py, says what it does.
//
//     Peer TYPE bind|connect ENDPOINT COUNT
//
// Compiled against JeroMQ 0.6.0 and run with 0.3.6 too: it uses only what both have.

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.zeromq.ZMQ;

public class Peer {
    private static int type(String kind) {
        switch (kind) {
            case "REQ": return ZMQ.REQ;
            case "REP": return ZMQ.REP;
            case "DEALER": return ZMQ.DEALER;
            case "ROUTER": return ZMQ.ROUTER;
            case "PUSH": return ZMQ.PUSH;
            case "PULL": return ZMQ.PULL;
            case "PUB": return ZMQ.PUB;
            case "SUB": return ZMQ.SUB;
            default: throw new IllegalArgumentException(kind);
        }
    }

    private static List<byte[]> body(int number) {
        byte[] large = new byte[number * number * 1000];
        Arrays.fill(large, (byte) 'x');
        List<byte[]> frames = new ArrayList<byte[]>();
        frames.add(("a" + number).getBytes());
        frames.add(new byte[0]);
        frames.add(large);
        return frames;
    }

    private static void send(ZMQ.Socket socket, List<byte[]> frames) {
        for (int i = 0; i < frames.size(); ++i)
            if (!socket.send(frames.get(i), i + 1 < frames.size() ? ZMQ.SNDMORE : 0))
                throw new IllegalStateException("nothing could be sent");
    }

    private static List<byte[]> receive(ZMQ.Socket socket) {
        List<byte[]> frames = new ArrayList<byte[]>();
        do {
            byte[] frame = socket.recv(0);
            if (frame == null)
                throw new IllegalStateException("nothing came");
            frames.add(frame);
        } while (socket.hasReceiveMore());
        return frames;
    }

    private static void show(List<byte[]> frames) {
        StringBuilder line = new StringBuilder();
        for (byte[] frame : frames) {
            if (line.length() > 0)
                line.append('|');
            line.append(frame.length).append(':').append(new String(frame, 0, Math.min(10, frame.length)));
        }
        System.out.println(line);
        System.out.flush();
    }

    private static boolean same(List<byte[]> one, List<byte[]> other) {
        boolean equal = one.size() == other.size();
        for (int i = 0; equal && i < one.size(); ++i)
            equal = Arrays.equals(one.get(i), other.get(i));
        return equal;
    }

    private static void run(ZMQ.Socket socket, String kind, int count) throws InterruptedException {
        for (int number = 0; number < count; ++number) {
            if (kind.equals("REQ") || kind.equals("DEALER")) {
                send(socket, body(number));
                List<byte[]> answer = receive(socket);
                if (!same(answer, body(number)))
                    throw new IllegalStateException("a wrong answer");
                show(answer);
            } else if (kind.equals("REP") || kind.equals("ROUTER")) {
                send(socket, receive(socket));
            } else if (kind.equals("PUSH")) {
                send(socket, body(number));
            } else if (kind.equals("PULL") || kind.equals("SUB")) {
                show(receive(socket));
            }
        }
        for (int number = 0; kind.equals("PUB"); ++number) {
            send(socket, Arrays.asList("b".getBytes(), "unwanted".getBytes()));
            send(socket, body(number % 10));
            Thread.sleep(1);
        }
    }

    public static void main(String[] arguments) throws Exception {
        String kind = arguments[0];
        ZMQ.Context context = ZMQ.context(1);
        ZMQ.Socket socket = context.socket(type(kind));
        socket.setReceiveTimeOut(30000);
        socket.setSendTimeOut(30000);
        socket.setLinger(5000);
        if (kind.equals("SUB"))
            socket.subscribe("a".getBytes());
        if (arguments[1].equals("bind")) {
            int port = socket.bindToRandomPort("tcp://127.0.0.1");
            System.out.println("READY tcp://127.0.0.1:" + port);
        } else {
            socket.connect(arguments[2]);
            System.out.println("READY");
        }
        System.out.flush();
        run(socket, kind, Integer.parseInt(arguments[3]));
        // JeroMQ forgets now and then what it sent last when it is closed, whatever its linger.
        if (Arrays.asList("REP", "ROUTER", "PUSH").contains(kind))
            Thread.currentThread().join();
        socket.close();
        context.term();
    }
}
