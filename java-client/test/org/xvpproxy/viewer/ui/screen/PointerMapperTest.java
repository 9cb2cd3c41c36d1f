package org.xvpproxy.viewer.ui.screen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.xvpproxy.viewer.ui.keys.Platform;

class PointerMapperTest {
    private final List<String> sent = new ArrayList<>();
    private final PointerMapper mapper = mapper(Platform.X11);

    private PointerMapper mapper(Platform platform) {
        return new PointerMapper(platform, (mask, x, y) -> sent.add(mask + "@" + x + "," + y));
    }

    @Test
    void buttonsStayDownWhileThePointerMoves() {
        mapper.button(1, true, 5, 6);
        mapper.moved(7, 8);
        mapper.moved(7, 8);
        mapper.button(3, true, 7, 8);
        mapper.button(1, false, 7, 8);
        mapper.releaseAll();
        mapper.releaseAll();
        assertEquals(List.of("1@5,6", "1@7,8", "5@7,8", "4@7,8", "0@7,8"), sent);
    }

    @Test
    void middleAndRightCanBeSwapped() {
        mapper.swapButtons(true);
        mapper.button(2, true, 0, 0);
        mapper.button(2, false, 0, 0);
        mapper.button(3, true, 0, 0);
        assertEquals(List.of("4@0,0", "0@0,0", "2@0,0"), sent);
    }

    @Test
    void aWheelStepIsAPressAndARelease() {
        mapper.wheel(-1, false, 1, 2);
        mapper.wheel(2, false, 1, 2);
        mapper.wheel(1, true, 1, 2);
        assertEquals(List.of("8@1,2", "0@1,2", "16@1,2", "0@1,2", "16@1,2", "0@1,2", "64@1,2", "0@1,2"), sent);
    }

    @Test
    void partsOfANotchAreSummedUp() {
        for (int i = 0; i < 8; i++) {
            mapper.wheel(0.25, false, 0, 0);
        }
        assertEquals(4, sent.size());
        mapper.wheel(0.5, false, 0, 0);
        mapper.wheel(-0.5, false, 0, 0);
        assertEquals(4, sent.size());
    }

    @Test
    void aWildWheelIsBounded() {
        mapper.wheel(1e6, false, 0, 0);
        assertEquals(40, sent.size());
    }

    @Test
    void sidewaysAndExtraButtonsAsEachSystemCountsThem() {
        mapper.button(4, true, 0, 0);
        mapper.button(4, false, 0, 0);
        mapper.button(6, true, 0, 0);
        assertEquals(List.of("32@0,0", "0@0,0", "128@0,0"), sent);
        sent.clear();
        mapper(Platform.WINDOWS).button(5, true, 0, 0);
        assertEquals(List.of("256@0,0"), sent);
    }
}
