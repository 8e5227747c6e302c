package dev.fanfare.dispatch;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The lanes of this node, each on the event loop that its subscription's hash names. */
@ApplicationScoped
public class Lanes {
    private final Sender sender;
    private final List<Context> loops = new ArrayList<>();
    private final Map<UUID, Lane> lanes = new ConcurrentHashMap<>();

    public Lanes(Sender sender, Vertx vertx) {
        this.sender = sender;
        VertxInternal internal = (VertxInternal) vertx;
        for (var executor : internal.getEventLoopGroup()) {
            loops.add(internal.createEventLoopContext((EventLoop) executor, null, null));
        }
    }

    Lane of(UUID subscriptionId) {
        return lanes.computeIfAbsent(subscriptionId, id -> new Lane(id, sender, loop(id)));
    }

    Collection<Lane> all() {
        return lanes.values();
    }

    /** Forgets a deleted subscription's lane; what it still has in flight ends as usual. */
    void remove(UUID subscriptionId) {
        lanes.remove(subscriptionId);
    }

    private Context loop(UUID id) {
        return loops.get(Math.floorMod(id.hashCode(), loops.size()));
    }
}
